import { SdkError } from '../sdk-error.ts'

/** A later part of the script-tag build, as the build bakes it in: hash in the file name, and Subresource Integrity. */
export type BakedPart = readonly [hash: string, sri: string]

/** Names of the parts. The file is `helloagain-<name>.<hash>.js`, and it puts itself on the window as `HelloAgain_<name>`. */
export type PartName = 'debug' | 'delivery' | 'errors' | 'extras' | 'probes' | 'session'

/** A part that did not come within this counts as lost, so that nothing of the page waits for it. */
const TIMEOUT_MS = 5000

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
}: PartLoaderOptions): (name: PartName, part: BakedPart) => Promise<unknown> {
  const rules = { createScriptURL: (url: string) => url }
  let policy: typeof rules | undefined
  const load = (name: PartName, [hash, sri]: BakedPart): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const script = scope.document.createElement('script')
      const fail = (): void => reject(new SdkError('part.load_failed', name))
      policy ??= scope.trustedTypes?.createPolicy('helloagain', rules) ?? rules
      script.src = policy.createScriptURL(`${folder}helloagain-${name}.${hash}.js`)
      script.integrity = sri
      script.crossOrigin = 'anonymous'
      if (nonce) script.nonce = nonce
      script.onerror = fail
      script.onload = () => {
        resolve(Reflect.get(scope, `HelloAgain_${name}`))
        script.remove()
      }
      scope.document.head.append(script)
      scope.setTimeout(fail, TIMEOUT_MS)
    })
  const loading: Partial<Record<PartName, Promise<unknown>>> = {}
  return (name, part) => {
    loading[name] ??= load(name, part).catch((error) => {
      // What was lost may be there the next time.
      delete loading[name]
      throw error
    })
    return loading[name]
  }
}
