import { expect, it } from 'vitest'
import { maskPath } from './mask-path.ts'

it.each([
  ['/api/sessions/0190f0a0-0000-7000-8000-000000000001/user?x=ada@example.com', '/api/sessions/:id/user'],
  ['/api/sessions/0190F0A0-0000-7000-8000-000000000001/progress/ada', '/api/sessions/:id/progress/:id'],
  ['/api/ums/analytics/42', '/api/ums/analytics/:id'],
  ['/api/ums/analytics/ada%40example.com', '/api/ums/analytics/:id'],
  ['/api/visitors/ada', '/api/visitors/:id'],
  ['/reset/c2VjcmV0LXRva2VuLTEyMzQ1Njc4', '/reset/:id'],
  ['/ada@example.com', '/:id'],
  ['/sdk/v1/helloagain.js', '/sdk/v1/helloagain.js'],
])('shows no person in %s', (path, shown) => expect(maskPath(path)).toBe(shown))

it('cuts a path that is too long for a log line', () => {
  expect(maskPath(`/${'a/'.repeat(5000)}`)).toHaveLength(200)
})
