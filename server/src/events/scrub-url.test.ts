import { randomBytes, randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../../tools/property-runs.ts'
import { isTokenLike, scrubText, scrubUrl } from './scrub-url.ts'

describe('scrubUrl', () => {
  it.each([
    ['/shoes', '/shoes'],
    ['/', '/'],
    ['', ''],
    ['/shoes?color=red&utm_source=mail&utm_campaign=x#top', '/shoes?utm_source=mail&utm_campaign=x'],
    ['/reset?token=abc', '/reset'],
    ['#access_token=abc', ''],
    ['?email=a@b.example', ''],
    ['https://shop.example/a?x=1#y?utm_source=z', 'https://shop.example/a'],
    ['https://ann:secret@shop.example/a', 'https://shop.example/a'],
    ['//ann:secret@shop.example/a', '//shop.example/a'],
    ['https://shop.example?UTM_Source=mail&utmost=1', 'https://shop.example?UTM_Source=mail'],
    ['/a;jsessionid=12/b', '/a/b'],
    ['/users/ann@example.com/edit', '/users/***/edit'],
    ['/users/ann%40example.com', '/users/***'],
    ['/verify/eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', '/verify/***'],
    ['/call/+4917012345678', '/call/***'],
    ['/a/abcdefab-abcd-abcd-abcd-abcdefabcdef', '/a/***'],
    [`/a/${'abcdefab'.repeat(4)}`, '/a/***'],
  ])('turns %j into %j', (url, scrubbed) => {
    expect(scrubUrl(url)).toBe(scrubbed)
  })

  it.each([
    'personality-assessment',
    'best-running-shoes-2026-review',
    'how-to-choose-your-first-mountain-bike',
    'Internationalisierung',
    '2026',
    'article-1234567',
    'index.html',
    'a1b2c3',
    'RunningShoesForWomen',
    'checkout_step_2',
  ])('leaves the readable part %s alone', (part) => {
    expect(isTokenLike(part)).toBe(false)
  })

  it('masks random tokens, hex digests and UUIDs', () => {
    const missed = Array.from({ length: 500 }, () => randomBytes(24).toString('base64url')).filter(
      (token) => !isTokenLike(token),
    )
    // A token without digits looks like a word: some four of a thousand.
    expect(missed.length).toBeLessThan(25)
    expect(isTokenLike(randomUUID())).toBe(true)
    expect(isTokenLike(randomBytes(16).toString('hex').replace(/^./, '7'))).toBe(true)
  })

  it('leaves no query, fragment or credentials in any address', () => {
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true, withFragments: true, withUserInfo: true } as never),
        (url) => {
          const scrubbed = scrubUrl(url)
          expect(scrubbed).not.toMatch(/#/)
          expect(scrubbed.replace(/\?utm_.*/, '')).not.toMatch(/\?/)
        },
      ),
      { numRuns: propertyRuns(300) },
    )
  })

  it('judges every part of a path, however plain the path looks', () => {
    const part = fc.stringMatching(/^[a-f0-9-]{1,40}$/)
    fc.assert(
      fc.property(
        fc.array(fc.oneof(part, fc.stringMatching(/^[a-z-]{1,40}$/)), { minLength: 1 }),
        (parts) => {
          const expected = parts.map((one) => (isTokenLike(one) ? '***' : one))
          expect(scrubUrl(`/${parts.join('/')}`)).toBe(`/${expected.join('/')}`)
        },
      ),
      { numRuns: propertyRuns(300) },
    )
  })

  it('takes any text, in linear time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        scrubUrl(text)
        scrubText(text)
      }),
    )
    for (const part of ['/', 'a', '://', 'a:', '@', ';', '?&utm_a=', 'aA1-', '%40', 'http://']) {
      scrubUrl(part.repeat(32_768 / part.length))
      scrubText(part.repeat(32_768 / part.length))
    }
  })
})

describe('scrubText', () => {
  it('scrubs addresses inside a message and leaves the rest', () => {
    expect(scrubText('GET https://a.example/x?token=1 failed (see "http://b.example/#k").')).toBe(
      'GET https://a.example/x failed (see "http://b.example/").',
    )
    expect(scrubText('50% off? yes / no #1')).toBe('50% off? yes / no #1')
  })
})
