import { SdkError } from '../sdk-error.ts'

/** A later part of the script-tag build, as the build bakes it in. */
export interface BakedPart {
  file: string
  /** Subresource Integrity hash. */
  sri: string
  /** Name under which the part puts itself on the window. */
  global: string
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string }
}

export interface PartLoaderOptions {
  scope: Window & typeof globalThis & { trustedTypes?: TrustedTypes }
  /** Address of the folder the script came from, with a trailing slash. */
  folder: string
  /** Nonce of the script tag, for pages with a Content Security Policy. */
  nonce: string | undefined
}

/**
 * Loads parts by a script element each. The element carries the page's own nonce, and the hash that was baked in when
 * the SDK was built: whoever changes the file on its way gets nothing executed. Pages with
 * `require-trusted-types-for 'script'` have to allow the policy `helloagain`.
 */
export function createPartLoader({
  scope,
  folder,
  nonce,
}: PartLoaderOptions): (part: BakedPart) => Promise<unknown> {
  const rules = { createScriptURL: (url: string) => url }
  let policy: typeof rules | undefined
  return ({ file, sri, global }) =>
    new Promise((resolve, reject) => {
      const script = scope.document.createElement('script')
      policy ??= scope.trustedTypes?.createPolicy('helloagain', rules) ?? rules
      script.src = policy.createScriptURL(folder + file)
      script.integrity = sri
      script.crossOrigin = 'anonymous'
      if (nonce) script.nonce = nonce
      script.onerror = () => reject(new SdkError('part.load_failed', `${file} could not be loaded.`))
      script.onload = () => {
        resolve(Reflect.get(scope, global))
        script.remove()
      }
      scope.document.head.append(script)
    })
}
