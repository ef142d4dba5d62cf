import type { Attributes } from './statistics.ts'
import type { RawSignals } from './visit.ts'

/** The attributes of Li & Cao's study, as far as browsers still have them, with screen, memory and touch points. */
export function attributesOf(signals: RawSignals): Attributes {
  const { uaData, fonts, languages, screen, gpuVendor, gpuRenderer, ...single } = signals
  const agent = signals.userAgent ?? ''
  const [name, version] =
    uaData?.brands.at(-1) ?? /(Firefox|CriOS|Version)\/([\d.]+)/.exec(agent)?.slice(1) ?? []
  return {
    ...Object.fromEntries(Object.entries(single).map(([key, value]) => [key, String(value)])),
    browser: name ?? '',
    version: version ?? '',
    system: uaData?.platform ?? /\((\w+)/.exec(agent)?.[1] ?? '',
    systemVersion: uaData?.platformVersion ?? '',
    model: uaData?.model ?? '',
    deviceMemory: String(signals.deviceMemory),
    gpu: `${gpuVendor} ${gpuRenderer}`,
    fonts: fonts?.join() ?? '',
    languages: languages?.join() ?? '',
    screen: screen?.join() ?? '',
  }
}
