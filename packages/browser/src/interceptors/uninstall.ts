/** Undoes exactly what the matching install did. Safe to call twice, in any order with others. */
export type Uninstall = () => void
