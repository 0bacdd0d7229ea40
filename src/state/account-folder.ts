// Where does a state directory keep the data of one account? In a folder of its own, whose name begins with its environment.

/** `account`: its environment, a colon, its name. */
export const accountFolder = (account: string): string => account.replace(':', '-');

/** Has an account of this environment ever been run there? */
export const isFolderOf = (folder: string, environment: string): boolean => folder.startsWith(`${environment}-`);
