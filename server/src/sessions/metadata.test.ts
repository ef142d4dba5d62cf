import fc from 'fast-check'
import { expect, describe as group, it } from 'vitest'
import { describe } from './metadata.ts'

const of = (metadata: Parameters<typeof describe>[0]['metadata']) =>
  describe({ metadata, userAgent: undefined, origin: 'https://shop.example' })

group('describe', () => {
  it.each([
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
      { browser: 'Mobile Safari', browserMajor: '17', os: 'iOS', device: 'mobile' },
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.87',
      { browser: 'Edge', browserMajor: '126', os: 'Windows', device: 'desktop' },
    ],
  ])('keeps families of %s', (userAgent, expected) => {
    expect(of({ userAgent }).metadata).toEqual(expected)
  })

  it('goes by the header where the page says nothing of its browser', () => {
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0'
    expect(describe({ metadata: undefined, userAgent, origin: undefined }).metadata).toMatchObject({
      browser: 'Firefox',
      os: 'Linux',
    })
  })

  it('keeps the host of a foreign referrer and none of the site’s own', () => {
    expect(of({ referrer: 'https://news.example/a?b=c' }).touch.referrer).toBe('news.example')
    expect(of({ referrer: 'https://shop.example/cart' }).touch.referrer).toBeUndefined()
    expect(of({ referrer: 'not a url' }).touch.referrer).toBeUndefined()
  })

  it('strips queries and fragments, and masks what may be a token or an address', () => {
    expect(of({ page: '/quiz/2?step=3#top' }).touch.page).toBe('/quiz/2')
    expect(of({ page: '/reset/c2VjcmV0LXRva2VuLTEyMzQ1Njc4OQ' }).touch.page).toBe('/reset/:masked')
    expect(of({ page: '/u/ada@example.com/x' }).touch.page).toBe('/u/:masked/x')
    expect(of({ page: '/a-rather-long-title-of-a-blog-post' }).touch.page).toBe(
      '/a-rather-long-title-of-a-blog-post',
    )
  })

  it('reads utm from the page where it is not sent apart', () => {
    expect(of({ page: '/?utm_source=news&gclid=1' }).touch.utm).toEqual({ source: 'news' })
    expect(of({ utm: { utm_medium: 'mail', other: 'x' } }).touch.utm).toEqual({ medium: 'mail' })
  })

  it('takes any text without throwing, and keeps nothing it does not name', () => {
    const known = new Set(
      'browser browserMajor os device referrer utm page language timezone screen network'.split(' '),
    )
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ maxLength: 2048 })), (metadata) => {
        const { metadata: kept } = of(metadata as Parameters<typeof of>[0])
        return Object.keys(kept).every((key) => known.has(key))
      }),
    )
  })
})
