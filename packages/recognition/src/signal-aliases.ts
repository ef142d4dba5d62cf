import type { SignalName } from './signals.ts'

/**
 * What document 000, FingerprintJS and request headers call our signals; a dot reads into an object. Only for data
 * that comes from elsewhere: our own collector uses our own names.
 */
export const SIGNAL_ALIASES: Readonly<Partial<Record<SignalName, readonly string[]>>> = {
  gpuVendor: ['webglVendor', 'webgl.vendorUnmasked', 'webgl.vendor', 'webGlBasics.vendorUnmasked'],
  gpuRenderer: [
    'webglRenderer',
    'webgl.rendererUnmasked',
    'webgl.renderer',
    'webGlBasics.rendererUnmasked',
    'gpu',
  ],
  webgl: ['webglHash', 'webGlExtensions'],
  canvas: ['canvasHash', 'canvasFingerprint'],
  canvasText: ['canvasTextHash'],
  audio: ['audioHash', 'audioFingerprint'],
  fonts: ['jsFonts', 'installedFonts'],
  hardwareConcurrency: ['cores', 'cpuCores'],
  deviceMemory: ['memory'],
  architecture: ['uaArchitecture'],
  model: ['uaModel', 'deviceModel'],
  screen: ['screenResolution', 'resolution', 'screenSize'],
  devicePixelRatio: ['pixelRatio'],
  colorDepth: ['screenColorDepth'],
  touchPoints: ['maxTouchPoints', 'touchSupport.maxTouchPoints', 'touchSupport'],
  languages: ['language', 'acceptLanguage', 'accept-language'],
  timezone: ['timeZone', 'tz'],
  userAgent: ['user_agent', 'user-agent', 'ua'],
  uaPlatform: ['sec-ch-ua-platform'],
  uaPlatformVersion: ['platformVersion'],
  acceptEncoding: ['accept-encoding', 'encoding'],
  doNotTrack: ['dnt'],
  cookiesEnabled: ['cookieEnabled'],
  pdfViewer: ['pdfViewerEnabled'],
  networkPrefix: ['ipPrefix'],
}
