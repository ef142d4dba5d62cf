/** Whether a program says that it drives the browser. @see https://www.w3.org/TR/webdriver2/#interface */
export function readWebdriver(): boolean | undefined {
  return navigator.webdriver
}
