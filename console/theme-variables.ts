import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core';
import type { Plugin } from 'vite';
import { theme } from './src/theme.ts';

const NAME = 'virtual:theme-variables.css';

/**
 * The theme's CSS variables as a stylesheet. Mantine would add them as a `<style>` element when the page starts, which our
 * content security policy (`style-src 'self'`) does not allow.
 */
export function themeVariables(): Plugin {
  return {
    name: 'theme-variables',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? themeCss() : undefined),
  };
}

function themeCss(): string {
  const variables = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  for (const scheme of ['dark', 'light'] as const) variables[scheme]['--mantine-color-scheme'] = scheme;
  return convertCssVariables(variables, ':root');
}
