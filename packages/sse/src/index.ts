export const placeholder = '@syncline/sse'
