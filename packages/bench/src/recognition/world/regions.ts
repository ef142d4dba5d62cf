import { createTable, type Table } from './random.ts'
import type { RegionName } from './settings.ts'

export interface Region {
  readonly timezones: Table<string>
  /** Preferred languages, as the person would list them: a tag with its country first. */
  readonly languages: Table<readonly string[]>
}

type Row = readonly [timezones: Readonly<Record<string, number>>, languages: Readonly<Record<string, number>>]

const region = ([timezones, languages]: Row): Region => ({
  timezones: createTable(Object.entries(timezones)),
  languages: createTable(
    Object.entries(languages).map(([list, weight]) => [list.split(' '), weight] as const),
  ),
})

const EUROPE = (city: string, other = 'Europe/London') => ({ [`Europe/${city}`]: 98, [other]: 2 })

/** The languages of people who moved here are in every list: locale and place do not go together for all. */
export const REGIONS: Readonly<Record<RegionName, Region>> = {
  austria: region([
    EUROPE('Vienna', 'Europe/Berlin'),
    { 'de-AT': 60, 'de-DE': 20, 'en-US': 9, 'de-AT en-GB': 5, 'hu-HU de': 2, 'tr-TR de': 2, 'hr-HR de': 2 },
  ]),
  brazil: region([
    { 'America/Sao_Paulo': 88, 'America/Fortaleza': 6, 'America/Manaus': 4, 'America/Recife': 2 },
    { 'pt-BR': 92, 'en-US pt-BR': 5, 'es-419 pt-BR': 2, 'en-US': 1 },
  ]),
  britain: region([
    { 'Europe/London': 99, 'Europe/Dublin': 1 },
    {
      'en-GB': 74,
      'en-US': 12,
      'en-US en-GB': 5,
      'pl-PL en-GB': 3,
      'ro-RO en-GB': 2,
      'fr-FR en-GB': 1,
      'pt-PT en-GB': 1,
      'zh-CN en-GB': 1,
      'ar en-GB': 1,
    },
  ]),
  canada: region([
    {
      'America/Toronto': 60,
      'America/Vancouver': 18,
      'America/Edmonton': 14,
      'America/Halifax': 5,
      'America/Winnipeg': 3,
    },
    { 'en-CA': 52, 'en-US': 24, 'fr-CA': 16, 'fr-CA en-CA': 4, 'zh-CN en-CA': 2, 'pa-IN en-CA': 2 },
  ]),
  france: region([
    EUROPE('Paris', 'Europe/Brussels'),
    {
      'fr-FR': 82,
      'en-US fr': 5,
      'fr-FR en-GB': 3,
      'en-GB fr': 2,
      'ar fr': 2,
      'pt-PT fr': 2,
      'es-ES fr': 1,
      fr: 2,
      'de-DE fr': 1,
    },
  ]),
  germany: region([
    EUROPE('Berlin'),
    {
      'de-DE': 78,
      'en-US de': 5,
      'en-GB de': 3,
      de: 3,
      'tr-TR de': 3,
      'ru-RU de': 3,
      'pl-PL de': 2,
      'ar de': 2,
      'uk-UA de': 1,
    },
  ]),
  india: region([
    { 'Asia/Calcutta': 99, 'Asia/Dubai': 1 },
    { 'en-IN': 48, 'en-US': 22, 'en-GB': 14, 'hi-IN': 8, 'en-IN hi': 4, 'ta-IN en-IN': 2, 'te-IN en-IN': 2 },
  ]),
  italy: region([
    EUROPE('Rome'),
    { 'it-IT': 89, 'en-US it': 4, 'en-GB it': 2, 'ro-RO it': 2, 'de-DE it': 1, 'es-ES it': 1, it: 1 },
  ]),
  japan: region([{ 'Asia/Tokyo': 100 }, { 'ja-JP': 90, ja: 4, 'en-US ja': 4, 'zh-CN ja': 1, 'vi-VN ja': 1 }]),
  mexico: region([
    {
      'America/Mexico_City': 76,
      'America/Monterrey': 9,
      'America/Tijuana': 6,
      'America/Cancun': 5,
      'America/Hermosillo': 4,
    },
    { 'es-MX': 48, 'es-419': 34, 'es-US': 6, 'es-ES': 5, 'en-US es-MX': 5, 'en-US': 2 },
  ]),
  netherlands: region([
    EUROPE('Amsterdam', 'Europe/Brussels'),
    {
      'nl-NL': 68,
      'en-US nl': 12,
      'en-GB nl': 8,
      'nl-NL en-GB': 6,
      'pl-PL nl': 2,
      'de-DE nl': 2,
      'tr-TR nl': 2,
    },
  ]),
  poland: region([
    EUROPE('Warsaw'),
    { 'pl-PL': 89, 'en-US pl': 4, 'en-GB pl': 2, 'uk-UA pl': 4, 'ru-RU pl': 1 },
  ]),
  spain: region([
    { 'Europe/Madrid': 95, 'Atlantic/Canary': 4, 'Europe/London': 1 },
    {
      'es-ES': 78,
      'ca-ES es': 6,
      'en-GB es': 3,
      'en-US es': 3,
      'es-419': 3,
      'eu-ES es': 1,
      'gl-ES es': 2,
      'ro-RO es': 1,
      'de-DE es': 1,
      'fr-FR es': 1,
      'it-IT es': 1,
    },
  ]),
  sweden: region([
    EUROPE('Stockholm', 'Europe/Copenhagen'),
    { 'sv-SE': 78, 'en-US sv': 10, 'en-GB sv': 5, 'ar sv': 3, 'fi-FI sv': 2, 'da-DK sv': 2 },
  ]),
  switzerland: region([
    EUROPE('Zurich', 'Europe/Paris'),
    {
      'de-CH': 38,
      'de-DE': 16,
      'fr-CH': 14,
      'fr-FR': 8,
      'en-US de': 7,
      'it-CH': 5,
      'en-GB de': 5,
      'de-CH fr-CH': 4,
      'pt-PT fr': 3,
    },
  ]),
  usa: region([
    {
      'America/New_York': 44,
      'America/Chicago': 27,
      'America/Los_Angeles': 18,
      'America/Denver': 6,
      'America/Phoenix': 3,
      'America/Detroit': 1,
      'Pacific/Honolulu': 1,
    },
    {
      'en-US': 86,
      'es-US en-US': 3,
      'es-419 en-US': 2,
      'es-MX en-US': 2,
      'zh-CN en-US': 2,
      'en-GB en-US': 1,
      'ko-KR en-US': 1,
      'fr-FR en-US': 1,
      'pt-BR en-US': 1,
      'vi-VN en-US': 1,
    },
  ]),
}

/** How a browser writes the list: Chromium and Firefox add the bare language and English, Safari tells one. */
export function tellLanguages(list: readonly string[], style: 'all' | 'first'): readonly string[] {
  if (style === 'first') return list.slice(0, 1)
  const told = list.flatMap((tag) => [tag, tag.split('-')[0] ?? tag])
  return [...new Set([...told, ...(told.includes('en') ? [] : ['en-US', 'en'])])]
}
