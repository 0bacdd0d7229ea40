// What may a contract be called? Capitals and digits; the names of some coins are Chinese, whose letters have no case.
export const SYMBOL = /^[\p{Lu}\p{Lo}\p{Nd}]{2,30}$/u;
