/** A REST request that is answered with an error. */
export class RestFailure extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const badRequest = (message: string): RestFailure => new RestFailure(400, message)
