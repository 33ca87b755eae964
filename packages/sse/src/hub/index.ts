export const placeholder = '@syncline/sse/hub'
