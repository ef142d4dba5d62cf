import { quietly } from '../platform/quietly.ts'

/** What the interceptors need of a global object. */
export interface Scope {
  document?: { readonly baseURI: string }
  location?: { readonly href: string }
}

/** What relative addresses of a global resolve against; empty in Node. A worker has no document. */
export function baseUrlOf({ document, location }: Scope): string {
  return document?.baseURI ?? location?.href ?? ''
}

/** The http address a request goes to, or undefined for any other scheme and where the browser will refuse it. */
export function resolveUrl(address: string | URL, base: string): URL | undefined {
  return quietly(() => {
    const url = new URL(address, base || undefined)
    return /^https?:$/.test(url.protocol) ? url : undefined
  })
}
