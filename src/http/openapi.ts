export const openapiText = () => '{}';
