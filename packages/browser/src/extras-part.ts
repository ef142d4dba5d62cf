import { installForms, prefill } from './extras.ts'
import { interceptXhr } from './interceptors/xhr.ts'

/** What the script tag loads second: forms, prefill and `XMLHttpRequest`. */
export const extras = { installForms, interceptXhr, prefill }
