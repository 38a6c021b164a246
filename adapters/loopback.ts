/** Whether a host name or address, an IPv6 address with or without brackets, is this machine's loopback. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
