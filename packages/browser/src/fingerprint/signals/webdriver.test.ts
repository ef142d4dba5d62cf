import { afterEach, expect, it, vi } from 'vitest'
import { readWebdriver } from './webdriver.ts'

afterEach(() => void vi.unstubAllGlobals())

it.each([true, false, undefined])('says %s where the browser does', (webdriver) => {
  vi.stubGlobal('navigator', { webdriver })
  expect(readWebdriver()).toBe(webdriver)
})
