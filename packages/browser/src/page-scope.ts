/** The global object of a page. */
export type PageScope = Window & typeof globalThis
