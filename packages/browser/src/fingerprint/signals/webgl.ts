import { getWebGLContext, isGecko } from '@fingerprintjs/fingerprintjs'
import { digestText } from '@helloagain/recognition'

export interface WebGlReading {
  vendor?: string
  renderer?: string
  /** Hash of limits and extensions. */
  parameters: string
}

// Limits that differ between GPUs and drivers; the rest of WebGL 1 is the same everywhere.
const LIMITS = [
  'ALIASED_LINE_WIDTH_RANGE',
  'ALIASED_POINT_SIZE_RANGE',
  'MAX_COMBINED_TEXTURE_IMAGE_UNITS',
  'MAX_CUBE_MAP_TEXTURE_SIZE',
  'MAX_FRAGMENT_UNIFORM_VECTORS',
  'MAX_RENDERBUFFER_SIZE',
  'MAX_TEXTURE_IMAGE_UNITS',
  'MAX_TEXTURE_SIZE',
  'MAX_VARYING_VECTORS',
  'MAX_VERTEX_ATTRIBS',
  'MAX_VERTEX_TEXTURE_IMAGE_UNITS',
  'MAX_VERTEX_UNIFORM_VECTORS',
  'MAX_VIEWPORT_DIMS',
] as const

/** Maker, name and limits of the GPU; undefined without WebGL. */
export async function readWebGl(pause: () => Promise<void>): Promise<WebGlReading | undefined> {
  const gl = getWebGLContext({})
  if (!gl || typeof gl.getParameter !== 'function') return undefined
  // Making the context is one block of 10 ms and more; the rest can wait for the next slice.
  await pause()
  const limits = LIMITS.map((name) => {
    const value: unknown = gl.getParameter(gl[name])
    return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value
  })
  const extensions = [...(gl.getSupportedExtensions() ?? [])].sort()
  // Firefox warns on the console about the extension, and tells the names without it.
  const info = isGecko() ? null : gl.getExtension('WEBGL_debug_renderer_info')
  const vendor: unknown = gl.getParameter(info ? info.UNMASKED_VENDOR_WEBGL : gl.VENDOR)
  const renderer: unknown = gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER)
  // Contexts are scarce (16 a page in Chromium): this one is given back at once.
  gl.getExtension('WEBGL_lose_context')?.loseContext()
  return {
    ...(typeof vendor === 'string' && { vendor }),
    ...(typeof renderer === 'string' && { renderer }),
    parameters: digestText(JSON.stringify([limits, extensions])),
  }
}
