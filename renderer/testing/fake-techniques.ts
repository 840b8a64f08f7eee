/** Of ATT&CK, as many as a made-up case needs. */
export const fakeTechniques = [
  { id: 'T1498', name: 'Network Denial of Service', tactics: ['Impact'] },
  { id: 'T1499', name: 'Endpoint Denial of Service', tactics: ['Impact'] },
  { id: 'T1110.004', name: 'Brute Force: Credential Stuffing', tactics: ['Credential Access'] },
  { id: 'T1190', name: 'Exploit Public-Facing Application', tactics: ['Initial Access'] },
];
