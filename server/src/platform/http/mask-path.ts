/** What follows these names an individual: a user, a visitor, a saved form. */
const NAMING = /(\/(?:analytics|progress|visitors)\/)[^/]+/g

/** Addresses, and long random parts, which stand for a person or let somebody act as one. */
const isTelling = (part: string) => /@|%40/i.test(part) || (part.length >= 20 && /\d/.test(part))

/** The shape of a path for logs: ids of persons stand in paths, query strings hold anything. */
export function maskPath(path: string): string {
  return path
    .replace(/\?.*$/s, '')
    .replace(NAMING, '$1:id')
    .split('/')
    .map((part) => (isTelling(part) ? ':id' : part))
    .join('/')
    .slice(0, 200)
}
