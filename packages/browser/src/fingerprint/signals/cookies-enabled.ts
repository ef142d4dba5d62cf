/** Whether the browser says it keeps cookies. None is set to find out. */
export function readCookiesEnabled(): boolean {
  return navigator.cookieEnabled
}
