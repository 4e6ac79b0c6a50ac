import { useMediaQuery } from '@mantine/hooks';

/** Whether the window is that of a phone. The stylesheets say the same by `max-width: 50em`. */
export function useIsCompact(): boolean {
  return useMediaQuery('(max-width: 50em)', false, { getInitialValueInEffect: false });
}
