import { byId } from './dom.js';
import type { SettingsStore } from './settings.js';

/** Follows the system's theme until the button is pressed. */
export function setUpTheme(store: SettingsStore): void {
  const button = byId('theme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const current = () => {
    const { theme } = store.current;
    return theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
  };
  const other = () => (current() === 'dark' ? 'light' : 'dark');
  const show = () => {
    document.documentElement.setAttribute('data-theme', current());
    button.setAttribute('aria-label', `Switch to the ${other()} theme`);
  };

  dark.addEventListener('change', show);
  button.addEventListener('click', () => store.set({ theme: other() }));
  store.on(show);
  show();
}
