import { expect, it } from 'vitest'
import { type BotClues, findBotReasons } from './bots.ts'

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36'

const clues = (changes: Partial<BotClues>): BotClues => ({
  userAgent: CHROME,
  brands: '"Chromium";v="156", "Google Chrome";v="156"',
  isDriven: false,
  contradictions: 0,
  isFromDatacenter: false,
  ...changes,
})

it.each([
  CHROME,
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0',
  'Mozilla/5.0 (Linux; Android 10; CUBOT_X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Linux; Android 9; CUBOT KING KONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36',
])('takes a person for a person: %s', (agent) => {
  expect(findBotReasons(clues({ userAgent: agent }))).toEqual([])
})

it.each([
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
  'Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)',
  'Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse',
  'curl/8.14.1',
  'python-requests/2.32.4',
  'node',
])('knows a program by what it calls itself: %s', (agent) => {
  expect(findBotReasons(clues({ userAgent: agent }))).toEqual(['crawler_user_agent'])
})

it('names every reason there is', () => {
  const headless = CHROME.replace('Chrome/', 'HeadlessChrome/')
  expect(findBotReasons(clues({ userAgent: headless }))).toEqual(['headless_browser'])
  expect(findBotReasons(clues({ brands: '"HeadlessChrome";v="156"' }))).toEqual(['headless_browser'])
  expect(findBotReasons(clues({ isDriven: true }))).toEqual(['webdriver'])
  expect(findBotReasons(clues({ isFromDatacenter: true }))).toEqual(['datacenter_network'])
  expect(findBotReasons(clues({ contradictions: 1 }))).toEqual([])
  expect(findBotReasons(clues({ contradictions: 2 }))).toEqual(['impossible_signals'])
})

it('reads no more of a user agent than any real one has', () => {
  expect(findBotReasons(clues({ userAgent: `${'a '.repeat(1_000_000)}Googlebot/2.1` }))).toEqual([])
})
