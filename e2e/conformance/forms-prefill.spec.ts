import type { KnownPerson } from '../../packages/browser/src/forms/forms-port.ts'
import { expect, fill, inputOf, install, JANE, type PageState, proven, test } from './support-forms.ts'

declare const ha: PageState

test.describe('S3 prefill', () => {
  test('fills text, select, radio, checkbox and textarea, by autocomplete, name, id and data-ha-field', async ({
    page,
    openPage,
  }) => {
    await openPage(
      `<form><input autocomplete="section-a given-name" name="x1"><input name="signup[email]" type="email">
      <textarea id="city"></textarea><select name="country"><option value="">Choose<option value="NO">Norway</select>
      <input type="radio" name="gender" value="male"><input type="radio" name="gender" value="female">
      <input type="checkbox" name="remember"><input name="x2" data-ha-field="household"></form>`,
      { person: proven() },
    )
    expect(await fill(page)).toBe(7)
    expect(await inputOf(page, '[name=x1]')).toBe('Jane')
    expect(await inputOf(page, '[type=email]')).toBe('jane@example.com')
    expect(await inputOf(page, '#city')).toBe('Oslo')
    expect(await inputOf(page, 'select')).toBe('NO')
    await expect(page.locator('[value=female]')).toBeChecked()
    await expect(page.locator('[name=remember]')).toBeChecked()
    expect(await inputOf(page, '[name=x2]')).toBe('2 people')
  })

  test('fills radio buttons that are drawn by their label', async ({ page, openPage }) => {
    const hidden = 'style="position:absolute;opacity:0;width:0;height:0"'
    await openPage(
      `<form><label><input type="radio" name="gender" value="female" ${hidden}> Female</label>
      <label hidden><input type="checkbox" name="remember" ${hidden}> Remember</label></form>`,
      { person: proven() },
    )
    expect(await fill(page)).toBe(1)
    expect(await page.locator('[value=female]').isChecked()).toBe(true)
  })

  test('never touches a field that holds something, is focused, disabled or read-only', async ({
    page,
    openPage,
  }) => {
    await openPage(
      `<form><input name="firstName" value="Ada"><input name="city" disabled><fieldset disabled><input name="email"></fieldset>
      <input name="household" readonly><input id="focused" name="country">
      <input type="radio" name="gender" value="male" checked><input type="radio" name="gender" value="female"></form>`,
      { person: proven() },
    )
    await page.locator('#focused').focus()
    expect(await fill(page)).toBe(0)
    expect(await inputOf(page, '[name=firstName]')).toBe('Ada')
    await expect(page.locator('[value=male]')).toBeChecked()
  })

  const forbidden: [title: string, html: string][] = [
    ['password', '<input type="password" name="email">'],
    ['password shown as text', '<input type="text" name="password">'],
    ['hidden', '<input type="hidden" name="email">'],
    ['file', '<input type="file" name="email">'],
    ['card by autocomplete', '<input autocomplete="cc-name" name="firstName">'],
    ['card by name', '<input name="cardNumber">'],
    ['card by id', '<input id="card-holder" data-ha-field="firstName">'],
    ['CVV', '<input name="cvv" data-ha-field="firstName">'],
    ['IBAN', '<input name="user_iban" data-ha-field="firstName">'],
    ['one-time code', '<input autocomplete="one-time-code" name="firstName">'],
    ['new password', '<input autocomplete="new-password" name="firstName">'],
    ['PIN', '<input name="pin" data-ha-field="firstName">'],
    ['not displayed', '<div style="display:none"><input name="firstName"></div>'],
    ['transparent (honeypot)', '<div style="opacity:0"><input name="firstName"></div>'],
    ['off the page (honeypot)', '<input name="firstName" style="position:absolute;left:-9999px">'],
    ['consent box', '<input type="checkbox" name="newsletter">'],
    ["somebody else's address", '<input type="email" name="friend_email">'],
  ]
  for (const [title, html] of forbidden) {
    test(`never fills: ${title}`, async ({ page, openPage }) => {
      await openPage(`<form>${html}</form>`, { person: proven() })
      expect(await fill(page)).toBe(0)
    })
  }

  const unknown: [title: string, person: KnownPerson | undefined][] = [
    ['nobody is known', undefined],
    ['the session is not proven', { ...proven(), restricted: true }],
    ['the server tells no data', proven(null)],
    ['the last visit is 31 days ago', proven(JANE, 31)],
    ['the last visit is unknown', { ...proven(), lastSeen: null }],
    ['the last visit is no date', { ...proven(), lastSeen: 'yesterday' }],
  ]
  for (const [title, person] of unknown) {
    test(`fills and greets nothing when ${title}`, async ({ page, openPage }) => {
      const body =
        '<p data-ha-welcome="Hello {firstName}">x</p><form data-ha-form="a"><input name="firstName"></form>'
      await openPage(body, person ? { person } : {})
      expect(await fill(page)).toBe(0)
      await install(page)
      await expect(page.locator('p')).toBeHidden()
      expect(await inputOf(page, 'input')).toBe('')
    })
  }

  test('fills up to the 30th day', async ({ page, openPage }) => {
    await openPage('<form><input name="firstName"></form>', { person: proven(JANE, 29.9) })
    expect(await fill(page)).toBe(1)
  })

  test('masks an e-mail address until it is focused, under a CSP without inline styles', async ({
    page,
    openPage,
  }) => {
    await openPage('<form><label>Mail <input name="email" type="email" required></label></form>', {
      person: proven(),
      csp: "default-src 'self'; style-src 'self'",
    })
    const untouched = await page.locator('form').innerHTML()
    await fill(page)
    await expect(page.locator('ha-mask')).toHaveText('j•••@example.com')
    await expect(page.locator('ha-mask')).toBeVisible()
    const box = await page.locator('input').boundingBox()
    const mask = await page.locator('ha-mask').boundingBox()
    // offsetLeft is in whole pixels.
    expect(Math.abs((mask?.x ?? 0) - (box?.x ?? 9))).toBeLessThan(1)
    expect({ ...mask, x: 0 }).toEqual({ ...box, x: 0 })
    const shown = await page.locator('input').evaluate((input) => getComputedStyle(input).webkitTextFillColor)
    expect(shown).toBe('rgba(0, 0, 0, 0)')
    await page.locator('input').focus()
    await expect(page.locator('ha-mask')).toHaveCount(0)
    expect(await inputOf(page, 'input')).toBe('jane@example.com')
    expect(await page.locator('form').innerHTML()).toBe(untouched)
  })

  test('submits the real address, without it ever being focused, past validation', async ({
    page,
    site,
    openPage,
  }) => {
    const form =
      '<form method="post" action="/signup"><input name="email" type="email" required><button>Go</button></form>'
    await openPage(form, { person: proven() })
    await fill(page)
    await page.locator('button').click()
    await expect
      .poll(() => site.requests.find(({ path }) => path === '/signup')?.body)
      .toBe('email=jane%40example.com')
  })

  test('tells the page as typing would, past the value tracking of React', async ({ page, openPage }) => {
    await openPage('<form><input name="firstName"></form>', { person: proven() })
    await page.evaluate(() => {
      const input = document.querySelector('input') as HTMLInputElement
      const own = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value') as PropertyDescriptor
      // As React does: an own property that remembers what was set through it.
      let tracked = ''
      Object.defineProperty(input, 'value', {
        configurable: true,
        get: () => own.get?.call(input),
        set(value) {
          tracked = value
          own.set?.call(input, value)
        },
      })
      for (const type of ['input', 'change']) {
        document.addEventListener(type, () => {
          if (input.value !== tracked) ha.pageEvents.push(type)
        })
      }
    })
    await fill(page)
    expect(await page.evaluate(() => ha.pageEvents)).toEqual(['input', 'change'])
  })

  test('takes profile values as text, never as HTML', async ({ page, openPage }) => {
    const evil = '<img src=x onerror="ha.resets=99">'
    await openPage('<p data-ha-welcome="Hi {firstName}"></p>', {
      person: proven({ firstName: evil }),
    })
    await install(page)
    await expect(page.locator('p span')).toHaveText(`Hi ${evil}`)
    expect(await page.locator('img').count()).toBe(0)
  })

  test('a value the form would refuse is not left in it', async ({ page, openPage }) => {
    await openPage('<form><input name="city" pattern="[0-9]+"><input name="country" maxlength="3"></form>', {
      person: proven(),
    })
    expect(await fill(page)).toBe(0)
    expect(await inputOf(page, '[name=city]')).toBe('')
  })

  test('signing out elsewhere empties what was filled, and keeps what the person changed', async ({
    page,
    openPage,
  }) => {
    await openPage('<form><input name="firstName"><input name="city"><input name="email"></form>', {
      person: proven(),
    })
    await fill(page)
    await page.locator('[name=city]').fill('Bergen')
    await page.evaluate(() => ha.signOut())
    expect(await inputOf(page, '[name=firstName]')).toBe('')
    expect(await inputOf(page, '[name=email]')).toBe('')
    expect(await inputOf(page, '[name=city]')).toBe('Bergen')
    await expect(page.locator('ha-mask')).toHaveCount(0)
  })
})
