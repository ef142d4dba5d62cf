// What brings events to the server, and follows a failure.
// biome-ignore lint/performance/noBarrelFile: the door of a part that is loaded later.
export { openCourier } from './queue/courier.ts'
