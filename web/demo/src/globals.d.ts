/** The addresses of the models and media that this page is served with. */
declare const __SERVED__: string[];
