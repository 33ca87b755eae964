export const placeholder = '@syncline/core/operators'
