import { type RequestHandler, type Response, Router } from 'express'
import { Problem } from '../platform/http/problem.ts'
import type { Log } from '../platform/log.ts'
import { type Asset, type Coding, createReadAsset } from './asset.ts'
import { findMissingAssets } from './folder.ts'

// The build folder holds npm files too; only what browsers load goes out.
const SDK_FILE = /^(?:helloagain[A-Za-z0-9._-]*\.js(?:\.map)?|manifest\.json)$/
const CONTENT_HASH = /[.-][0-9a-f]{8,64}\.js(?:\.map)?$/

/** Minutes only: a page must not keep an old core whose later parts an update has taken away. */
function cacheControl(name: string): string {
  if (CONTENT_HASH.test(name)) return 'public, max-age=31536000, immutable'
  return name === 'manifest.json' ? 'public, max-age=60' : 'public, max-age=300'
}

const contentType = (name: string) =>
  name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'application/json; charset=utf-8'

/** Smallest first: browsers list brotli last, which says nothing of what they prefer. */
const CODINGS: readonly Coding[] = ['br', 'gzip', 'identity']

function send(response: Response, name: string, asset: Asset): void {
  const { req: request } = response
  const coding = CODINGS.find((candidate) => request.acceptsEncodings(candidate)) ?? 'identity'
  response.set({
    'Content-Type': contentType(name),
    'Cache-Control': cacheControl(name),
    ETag: asset.etag(coding),
    Vary: 'Accept-Encoding',
    ...(coding !== 'identity' && { 'Content-Encoding': coding }),
    // Public files, for every site's pages: integrity= needs CORS, pages under COEP need CORP.
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Timing-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
    // Nobody has a reason to open these as a page (SECURITY.md W4).
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  })
  // Answers HEAD and If-None-Match, too.
  response.send(asset.bytes[coding])
}

export interface AssetsParts {
  /** Folder of the browser files; see `assetsFolder()`. */
  readonly folder: string
  readonly log: Log
}

/** `/sdk/v1/*` and `/lib/ums-enhanced-fingerprint.js`: the files that pages load. */
export function createAssets({ folder, log }: AssetsParts): Router {
  const missing = findMissingAssets(folder)
  if (missing.length > 0) {
    log.error({ folder, missing }, 'the SDK is not built, pages cannot load it: run "pnpm build"')
  }
  const readAsset = createReadAsset(folder)

  const serve =
    (nameOf: (file: string) => string | undefined): RequestHandler<{ file?: string }> =>
    async (request, response) => {
      const name = nameOf(request.params.file ?? '')
      const asset = name === undefined ? undefined : await readAsset(name)
      if (name === undefined || !asset) throw new Problem('request.not_found')
      send(response, name, asset)
    }

  return Router()
    .get(
      '/sdk/v1/:file',
      serve((file) => (SDK_FILE.test(file) ? file : undefined)),
    )
    .get(
      '/lib/ums-enhanced-fingerprint.js',
      serve(() => 'ums-enhanced-fingerprint.js'),
    )
}
