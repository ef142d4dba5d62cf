/** The shape of a path for logs: session ids and the like stand in paths, query strings hold anything. */
export function maskPath(path: string): string {
  return path
    .replace(/\?.*$/s, '')
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, ':id')
    .replace(/(\/progress\/)[^/]+/, '$1:name')
    .slice(0, 200)
}
