export const docsPage = () => '';
export const docsStyle = '';
