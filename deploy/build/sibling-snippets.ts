/**
 * The configuration that another route server needs to be observed by a fingerpost at 2001:db8:1::9: one more client
 * that sends nothing. It is shown in docs/peers.md, and started unchanged by test/interop/siblings.test.ts.
 */
export const siblingSnippets = {
  bird: {
    external: `protocol bgp FINGERPOST {
  local as 65002;
  neighbor 2001:db8:1::9 as 65003;
  rs client;
  hold time 6;
  ipv6 { import none; export all; };
}`,
    internal: `protocol bgp FINGERPOST {
  local as 65002;
  neighbor 2001:db8:1::9 as 65002;
  hold time 6;
  ipv6 { import none; export all; };
}`,
  },
  bird1: {
    external: `protocol bgp FINGERPOST {
  local as 65002;
  neighbor 2001:db8:1::9 as 65003;
  rs client;
  hold time 6;
  import none;
  export all;
}`,
    internal: `protocol bgp FINGERPOST {
  local as 65002;
  neighbor 2001:db8:1::9 as 65002;
  hold time 6;
  import none;
  export all;
}`,
  },
  frr: {
    external: ` neighbor 2001:db8:1::9 remote-as 65003
 neighbor 2001:db8:1::9 timers 2 6
 neighbor 2001:db8:1::9 timers connect 3
 address-family ipv6 unicast
  neighbor 2001:db8:1::9 activate
  neighbor 2001:db8:1::9 route-server-client
  neighbor 2001:db8:1::9 attribute-unchanged next-hop
  neighbor 2001:db8:1::9 route-map NOTHING in
  neighbor 2001:db8:1::9 route-map EVERYTHING out
 exit-address-family`,
    internal: ` neighbor 2001:db8:1::9 remote-as 65002
 neighbor 2001:db8:1::9 timers 2 6
 neighbor 2001:db8:1::9 timers connect 3
 address-family ipv6 unicast
  neighbor 2001:db8:1::9 activate
  neighbor 2001:db8:1::9 route-map NOTHING in
  neighbor 2001:db8:1::9 route-map EVERYTHING out
 exit-address-family`,
  },
} as const;
