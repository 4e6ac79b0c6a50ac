import type { Channel } from 'muster-sdk';

const channels: Record<Channel, string> = { SMS: 'SMS', WHATSAPP: 'WhatsApp', VIBER: 'Viber' };

export const general = {
  product: 'Muster',
  channels,
  actions: {
    cancel: 'Cancel',
    close: 'Close',
    save: 'Save',
    create: 'Create',
    delete: 'Delete',
    rename: 'Rename',
    retry: 'Try again',
    undo: 'Undo',
    reload: 'Reload the page',
    back: 'Back',
    more: 'More',
    dismiss: 'Dismiss',
  },
  states: {
    loading: 'Loading…',
    undone: 'Taken back',
    /** What failed without anything better to say of it. */
    failed: 'Something went wrong',
    failedHint: 'The server had a problem. Nothing you entered is lost; trying again may help.',
    requestId: (id: string) => `Request ${id}`,
    gone: 'No answer from the server',
    goneHint: 'What you see may be out of date. This mends itself as soon as the server answers.',
    notFound: 'Nothing here',
    notFoundHint: 'The address is wrong, or what it named has been deleted.',
    notFoundAction: 'Go to audiences',
    crashed: 'This page has stopped working',
    crashedHint: 'A reload usually helps. Your data is safe on the server.',
    outdated: 'A newer version of the console is there',
    outdatedHint: 'Reload the page to go on with it.',
    forbidden: 'Your key may only read',
    forbiddenHint: 'Sign in with a key that may write to change something.',
    renewed: 'Your session was renewed in another tab. Try again.',
    tooMany: 'Too many requests at once',
    tooManyHint: 'Wait a moment, then try again.',
  },
  unsaved: {
    question: 'There are changes that are not saved. Leave them?',
    leave: 'Leave them',
    stay: 'Go on editing',
  },
};
