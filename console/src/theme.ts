/** How the console looks: the one place that knows colours, fonts and sizes. `theme-variables.ts` makes a stylesheet of it. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';
import { general } from './texts/general.ts';

const teal: MantineColorsTuple = [
  '#effbf8',
  '#d6f4ed',
  '#aee7db',
  '#7dd5c5',
  '#47bba9',
  '#23a08f',
  '#128375',
  '#0f6b60',
  '#10554d',
  '#0d4640',
];

const gray: MantineColorsTuple = [
  '#f8f9fa',
  '#f2f4f5',
  '#e7eaec',
  '#dbdfe3',
  '#c4cad0',
  '#98a1aa',
  '#6b7580',
  '#4c555f',
  '#323a43',
  '#1c232a',
];

const dark: MantineColorsTuple = [
  '#d5dade',
  '#aeb6be',
  '#8f99a3',
  '#626c77',
  '#39424b',
  '#2b333b',
  '#21282f',
  '#191f25',
  '#13181d',
  '#0d1115',
];

/** `system-ui` is not among them: on Linux and on Windows of some languages it is a font that nobody would choose. */
const SANS =
  '-apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Roboto, Inter, "Noto Sans", "Liberation Sans", Arial, sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji"';

/**
 * Of what lies over the page. The lock would keep the page still by a `<style>` element, and is not needed: the page scrolls
 * inside the shell.
 */
const OVER = {
  lockScroll: false,
  overlayProps: { backgroundOpacity: 0.45 },
  closeButtonProps: { 'aria-label': general.actions.close },
};

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  luminanceThreshold: 0.25,
  colors: { teal, gray, dark },
  fontFamily: SANS,
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  headings: {
    fontFamily: SANS,
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Modal: { defaultProps: { ...OVER, centered: true } },
    Drawer: { defaultProps: OVER },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: false, transitionProps: { duration: 100 } } },
    Menu: { defaultProps: { shadow: 'md', withinPortal: true, transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } },
  },
});
