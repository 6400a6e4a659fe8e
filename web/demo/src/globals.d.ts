/** The addresses of the models and media that are served with the page. */
declare const __SERVED__: string[];
