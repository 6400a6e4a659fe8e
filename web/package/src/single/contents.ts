// What bin/single.mjs puts into the page's part of the single file. A Worker's part has it from the page.

/** The package's files by their path in `dist`: compressed by gzip, in base64. */
export const files: Readonly<Record<string, string>> = {};

/** The text of the Workers' script. */
export const script = '';
