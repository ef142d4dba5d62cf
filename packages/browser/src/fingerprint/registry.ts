import { listFalsified } from '@helloagain/recognition'
import type { Probe } from './collect.ts'
import { readAudio } from './signals/audio.ts'
import { readCanvas } from './signals/canvas.ts'
import { readColorDepth } from './signals/color-depth.ts'
import { readColorGamut } from './signals/color-gamut.ts'
import { readContrast } from './signals/contrast.ts'
import { readCookiesEnabled } from './signals/cookies-enabled.ts'
import { readDeviceMemory } from './signals/device-memory.ts'
import { readDevicePixelRatio } from './signals/device-pixel-ratio.ts'
import { readFonts } from './signals/fonts.ts'
import { readForcedColors } from './signals/forced-colors.ts'
import { readHardwareConcurrency } from './signals/hardware-concurrency.ts'
import { readHdr } from './signals/hdr.ts'
import { readInvertedColors } from './signals/inverted-colors.ts'
import { readLanguages } from './signals/languages.ts'
import { readPdfViewer } from './signals/pdf-viewer.ts'
import { readPlatform } from './signals/platform.ts'
import { readPlugins } from './signals/plugins.ts'
import { readProtection } from './signals/protection.ts'
import { readReducedMotion } from './signals/reduced-motion.ts'
import { readReducedTransparency } from './signals/reduced-transparency.ts'
import { readScreenSize } from './signals/screen-size.ts'
import { readTimezone } from './signals/timezone.ts'
import { readTouchPoints } from './signals/touch-points.ts'
import { readUserAgent } from './signals/user-agent.ts'
import { readUserAgentData } from './signals/user-agent-data.ts'
import { readVendor } from './signals/vendor.ts'
import { readWebdriver } from './signals/webdriver.ts'
import { readWebGl } from './signals/webgl.ts'

/**
 * Every probe, by name. The order decides what a partial result holds: first what says whom not to believe; then
 * properties, being free; then the two that answer by themselves later (their time passes beside the
 * others'); then what measures, the most telling per millisecond first. WebGL goes last but canvas: creating its
 * context is the longest single block, and both may switch the page to another GPU path.
 */
export const probes = {
  protection: () => {
    const protection = readProtection(readTimezone(), readScreenSize())
    const noise = listFalsified(protection).map((name) => [name, { isUnstable: true }])
    return { protection, ...Object.fromEntries(noise) }
  },
  webdriver: () => ({ webdriver: readWebdriver() }),
  userAgent: () => ({ userAgent: readUserAgent() }),
  platform: () => ({ platform: readPlatform() }),
  languages: () => ({ languages: readLanguages() }),
  screen: () => ({ screen: readScreenSize() }),
  devicePixelRatio: () => ({ devicePixelRatio: readDevicePixelRatio() }),
  colorDepth: () => ({ colorDepth: readColorDepth() }),
  hardwareConcurrency: () => ({ hardwareConcurrency: readHardwareConcurrency() }),
  deviceMemory: () => ({ deviceMemory: readDeviceMemory() }),
  touchPoints: () => ({ touchPoints: readTouchPoints() }),
  vendor: () => ({ vendor: readVendor() }),
  plugins: () => ({ plugins: readPlugins() }),
  cookiesEnabled: () => ({ cookiesEnabled: readCookiesEnabled() }),
  timezone: () => ({ timezone: readTimezone() }),
  pdfViewer: () => ({ pdfViewer: readPdfViewer() }),

  userAgentData: async () => {
    const { platform, platformVersion, ...device } = (await readUserAgentData()) ?? {}
    return { uaPlatform: platform, uaPlatformVersion: platformVersion, ...device }
  },
  audio: async () => ({ audio: await readAudio() }),

  colorGamut: () => ({ colorGamut: readColorGamut() }),
  hdr: () => ({ hdr: readHdr() }),
  contrast: () => ({ contrast: readContrast() }),
  forcedColors: () => ({ forcedColors: readForcedColors() }),
  invertedColors: () => ({ invertedColors: readInvertedColors() }),
  reducedMotion: () => ({ reducedMotion: readReducedMotion() }),
  reducedTransparency: () => ({ reducedTransparency: readReducedTransparency() }),
  fonts: async (pause) => ({ fonts: await readFonts(pause) }),
  canvas: async (pause) => {
    const { geometry, text, isUnstable } = await readCanvas(pause)
    return isUnstable
      ? { canvas: { isUnstable }, canvasText: { isUnstable } }
      : { canvas: geometry, canvasText: text }
  },
  webgl: async (pause) => {
    const { vendor, renderer, parameters } = (await readWebGl(pause)) ?? {}
    return { gpuVendor: vendor, gpuRenderer: renderer, webgl: parameters }
  },
} satisfies Record<string, Probe>
