export const placeholder = '@syncline/sse/plain'
