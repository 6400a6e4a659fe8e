import { byId } from './dom.js';

type Theme = 'light' | 'dark';

/** Follows the system's theme until the button is pressed. */
export function setUpTheme(): void {
  const button = byId('theme');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen: Theme | undefined;

  const current = (): Theme => chosen ?? (dark.matches ? 'dark' : 'light');
  const other = (): Theme => (current() === 'dark' ? 'light' : 'dark');
  const show = () => {
    document.documentElement.setAttribute('data-theme', current());
    button.setAttribute('aria-label', `Switch to the ${other()} theme`);
  };

  dark.addEventListener('change', show);
  button.addEventListener('click', () => {
    chosen = other();
    show();
  });
  show();
}
