import type { Channel as ChannelName } from 'muster-sdk';
import { texts } from '../texts/index.ts';
import classes from './channel.module.css';

/** What an audience is reached by. */
export function Channel({ channel }: { channel: ChannelName }) {
  return (
    <span className={classes.channel} data-channel={channel}>
      {texts.channels[channel]}
    </span>
  );
}
