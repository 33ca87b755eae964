export { createUplink, type Uplink, type UplinkOpened, type UplinkOptions } from './create-uplink.ts'
export { refused, unreached } from './http-errors.ts'
