import { SdkError } from '../sdk-error.ts'

/** A later part of the script-tag build, as the build bakes it in. */
export interface BakedPart {
  file: string
  /** Subresource Integrity hash. */
  sri: string
  /** Name under which the part puts itself on the window. */
  global: string
}

interface TrustedTypesScope {
  trustedTypes?: { createPolicy(name: string, rules: { createScriptURL(url: string): string }): UrlPolicy }
}

interface UrlPolicy {
  createScriptURL(url: string): string
}

export interface PartLoaderOptions {
  scope: Window & typeof globalThis
  /** Address of the folder the script came from, with a trailing slash. */
  folder: string
  /** Nonce of the script tag, for pages with a Content Security Policy. */
  nonce: string | undefined
}

/**
 * Loads parts by a script element each, once. The element carries the page's own nonce, and the hash that was
 * baked in when the SDK was built: whoever changes the file on its way gets nothing executed.
 */
export function createPartLoader({
  scope,
  folder,
  nonce,
}: PartLoaderOptions): (part: BakedPart) => Promise<unknown> {
  const loading = new Map<string, Promise<unknown>>()
  let policy: UrlPolicy | undefined
  const trust = (url: string): string => {
    // Pages with `require-trusted-types-for 'script'` have to allow the policy `helloagain`.
    policy ??= (scope as TrustedTypesScope).trustedTypes?.createPolicy('helloagain', {
      createScriptURL: (own) => own,
    })
    return policy?.createScriptURL(url) ?? url
  }
  const load = ({ file, sri, global }: BakedPart): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const script = scope.document.createElement('script')
      const fail = (): void => reject(new SdkError('part.load_failed', `${file} could not be loaded.`))
      script.src = trust(folder + file)
      script.integrity = sri
      script.crossOrigin = 'anonymous'
      if (nonce) script.nonce = nonce
      script.onerror = fail
      script.onload = () => {
        const part: unknown = Reflect.get(scope, global)
        if (part) resolve(part)
        else fail()
        script.remove()
      }
      scope.document.head.append(script)
    })
  return (part) => {
    const promise = loading.get(part.file) ?? load(part)
    loading.set(part.file, promise)
    return promise
  }
}
