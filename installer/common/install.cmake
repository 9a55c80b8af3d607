# Where everything goes on a Linux system: cmake --install. All programs stand in one folder, because each finds the
# others beside itself (src/os/spawn.h); what a person runs is linked from bin.
set(KS_COMMON ${CMAKE_SOURCE_DIR}/installer/common)
file(RELATIVE_PATH KS_FROM_BIN ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBEXECDIR}/korttisilta)

install(TARGETS korttisilta korttisilta-host korttisilta-agent korttisilta-signer korttisilta-revocation
  korttisilta-prompt korttisilta-manager DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/korttisilta)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/links)
foreach(name korttisilta korttisilta-agent korttisilta-manager)
  file(CREATE_LINK ${KS_FROM_BIN}/${name} ${CMAKE_BINARY_DIR}/links/${name} SYMBOLIC)
  install(FILES ${CMAKE_BINARY_DIR}/links/${name} DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES docs/man/${name}.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endforeach()

install(DIRECTORY ${CMAKE_BINARY_DIR}/share/locale DESTINATION ${CMAKE_INSTALL_DATADIR})
install(FILES ${KS_COMMON}/korttisilta-manager.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES ${KS_COMMON}/fi.korttisilta.manager.metainfo.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo)
install(FILES ${KS_COMMON}/korttisilta.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
foreach(size 16 48 128)
  install(FILES extension/icons/${size}.png RENAME korttisilta.png
    DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/${size}x${size}/apps)
endforeach()

# systemd of the user; where it is not there, the browser's host starts the agent (src/host.c).
set(KS_AGENT ${CMAKE_INSTALL_FULL_LIBEXECDIR}/korttisilta/korttisilta-agent)
configure_file(${KS_COMMON}/korttisilta-agent.service.in ${CMAKE_BINARY_DIR}/installer/korttisilta-agent.service @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/installer/korttisilta-agent.service ${KS_COMMON}/korttisilta-agent.socket
  ${KS_COMMON}/korttisilta-websocket.socket ${KS_COMMON}/korttisilta-scs.socket DESTINATION lib/systemd/user)

# The folders that the browsers look in are compiled into them: /etc and /usr/lib, with the prefix /usr.
foreach(browser chromium firefox)
  foreach(name fi.korttisilta.host eu.webeid)
    set(manifest ${CMAKE_BINARY_DIR}/installer/${browser}/${name}.json)
    add_custom_command(OUTPUT ${manifest} DEPENDS ${KS_COMMON}/${name}.${browser}.json.in
        ${KS_COMMON}/host_manifest.cmake extension/id.json src/wire/webeid_callers.def
      COMMAND ${CMAKE_COMMAND} -DBROWSER=${browser} -DNAME=${name}
        -DKS_HOST_PATH=${CMAKE_INSTALL_FULL_LIBEXECDIR}/korttisilta/korttisilta-host
        -DOUT=${manifest} -P ${KS_COMMON}/host_manifest.cmake)
    list(APPEND KS_MANIFESTS ${manifest})
  endforeach()
  # No browser looks here: the administrator's command puts them where one does (docs/webeid.md).
  install(FILES ${CMAKE_BINARY_DIR}/installer/${browser}/eu.webeid.json RENAME eu.webeid.${browser}.json
    DESTINATION ${CMAKE_INSTALL_DATADIR}/korttisilta/native-messaging)
endforeach()
install(PROGRAMS ${KS_COMMON}/korttisilta-webeid DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES docs/man/korttisilta-webeid.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
add_custom_target(manifests ALL DEPENDS ${KS_MANIFESTS})
# Brave reads Chromium's folder or Chrome's, by its build; its own of /etc/opt is what others install to.
foreach(folder chromium opt/chrome opt/edge opt/brave opt/vivaldi)
  install(FILES ${CMAKE_BINARY_DIR}/installer/chromium/fi.korttisilta.host.json
    DESTINATION ${CMAKE_INSTALL_FULL_SYSCONFDIR}/${folder}/native-messaging-hosts)
endforeach()
install(FILES ${CMAKE_BINARY_DIR}/installer/firefox/fi.korttisilta.host.json
  DESTINATION lib/mozilla/native-messaging-hosts)

# Debian's Chromium loads every folder here. Firefox's own number names the folder of its extensions.
install(DIRECTORY ${CMAKE_BINARY_DIR}/extension/chromium/ DESTINATION ${CMAKE_INSTALL_DATADIR}/chromium/extensions/korttisilta)
file(READ extension/id.json ids)
string(JSON firefox_id GET "${ids}" firefox 0)
install(DIRECTORY ${CMAKE_BINARY_DIR}/extension/firefox/
  DESTINATION "${CMAKE_INSTALL_DATADIR}/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/${firefox_id}")
