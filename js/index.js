export { connect } from './connect.js';
export { KorttisiltaError } from './korttisilta_error.js';
export { ERRORS } from './errors.js';
