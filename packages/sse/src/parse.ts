/** Data as JSON where it is JSON, else as it is. */
export const parse = (data: string): unknown => {
  try {
    return JSON.parse(data)
  } catch {
    return data
  }
}
